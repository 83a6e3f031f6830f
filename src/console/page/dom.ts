// Elements of the page. Text goes in as text only: numbers, Call-IDs and reasons come from whoever calls or attacks.

type Child = Node | string;

/** The element of index.html with this id; throws where there is none. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as E;
}

export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Leaves the node alone where it says so already: a selection stays, and a screen reader is not told again. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export const shapes = ['circle', 'triangle', 'diamond', 'octagon', 'cross', 'ring', 'person'] as const;
export type Shape = (typeof shapes)[number];

const paths: Readonly<Record<Shape, string>> = {
  circle: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  triangle: 'M8 1.5 15.2 14H.8z',
  diamond: 'M8 .8 15.2 8 8 15.2.8 8z',
  octagon: 'M5 1h6l4 4v6l-4 4H5l-4-4V5zM4 6.8v2.4h8V6.8z',
  cross: 'M3.2 1 8 5.8 12.8 1 15 3.2 10.2 8l4.8 4.8-2.2 2.2L8 10.2 3.2 15 1 12.8 5.8 8 1 3.2z',
  ring: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 2.6a3.9 3.9 0 1 1 0 7.8 3.9 3.9 0 0 1 0-7.8z',
  person: 'M8 1a3.4 3.4 0 1 0 0 6.8A3.4 3.4 0 0 0 8 1zM1.5 15c0-3.6 2.6-5.8 6.5-5.8s6.5 2.2 6.5 5.8z',
};

const svgSpace = 'http://www.w3.org/2000/svg';

/** A shape in the colour of the text; says nothing to a screen reader, so a word has to stand beside it. */
export function shapeOf(shape: Shape): SVGSVGElement {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'shape');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgSpace, 'path');
  path.setAttribute('d', paths[shape]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

/** A shape and a word, made anew only where either is another. */
export function setMark(node: Element, shape: Shape, text: string): void {
  const mark = `${shape} ${text}`;
  if ((node as HTMLElement).dataset.mark === mark) return;
  (node as HTMLElement).dataset.mark = mark;
  node.replaceChildren(shapeOf(shape), element('span', {}, [text]));
}
