// The plotting library as the build puts it beside the page.
import uPlot from 'uplot';

export default uPlot;
