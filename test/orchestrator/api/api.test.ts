import { expect, it } from 'vitest';
import { examples } from '../../../src/congestion/examples.ts';
import { startSetting } from './setting.ts';

it('takes a registration and answers with orders', async () => {
  const { ask, desk } = await startSetting();
  const { callback: _none, ...body } = examples.register.body;
  const answer = await ask('PUT /v1/applications/edge', { who: 'edge', body });
  expect(answer.json).toEqual(examples.register.result);
  expect(answer.status).toBe(200);
  expect(desk.calls).toEqual(['register edge']);
});
