// `npm run sim`: the scenarios in virtual time, every controller in turn.
import { Network } from './network.ts';
import { makeNone } from './peers/none.ts';
import { yardstick } from './scenarios.ts';

for (const factor of [0.5, 0.8, 1, 1.5, 2, 5, 10, 20, 40]) {
  const before = performance.now();
  const { recorder, queue } = new Network(yardstick(factor), makeNone, 1);
  void queue;
  void recorder;
  const result = new Network(yardstick(factor), makeNone, 1).run();
  const goodput = result.perSecond('goodput').slice(20);
  const offered = result.perSecond('offered').slice(20);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  console.log(
    factor,
    mean(offered).toFixed(1),
    mean(goodput).toFixed(1),
    `${(performance.now() - before).toFixed(0)} ms`,
  );
}
