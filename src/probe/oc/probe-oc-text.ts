// What `surgegate probe-oc` prints: a table of what was offered and what came of it, and what to write into the configuration.
import { ocOfferTexts } from '../../sip/oc-edits.ts';
import type { OcReport, OcRow } from './probe-oc.ts';

export function probeOcText({ address, rows, isAliveAfter, recommended }: OcReport): string {
  const table = rows.map(rowOf);
  const widths = heads.map((head, i) => Math.max(head.length, ...table.map((row) => row[i]!.length)));
  const lines = [heads, ...table].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    `OPTIONS to ${address}`,
    '',
    ...lines,
    '',
    ...(isAliveAfter === false ? [`${address} no longer answers at all: what was offered may have ended it`] : []),
    `switches[].oc: ${recommended}`,
  ].join('\n');
}

/** The same for a program; `isAliveAfter`: null where it was not asked. */
export function probeOcJson({ address, rows, isAliveAfter, recommended }: OcReport): object {
  return {
    address,
    offers: rows.map(({ offer, outcome, finding: { survives, said } }) => ({
      offer,
      status: outcome.kind === 'silent' ? null : outcome.status,
      survives,
      note: said,
    })),
    isAliveAfter: isAliveAfter ?? null,
    recommended,
  };
}

const heads = ['IN OUR VIA', 'ANSWER', 'SURVIVES', 'NOTE'];

function rowOf({ offer, outcome, finding }: OcRow): string[] {
  const sent = offer === 'none' ? 'no offer' : ocOfferTexts[offer];
  const answer = outcome.kind === 'silent' ? 'none' : `${outcome.status} ${outcome.phrase}`.trim();
  return [sent, answer, offer === 'none' ? '' : finding.survives ? 'yes' : 'no', finding.said];
}
