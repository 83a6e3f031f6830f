// Every message of RFC 4475 and RFC 5118 against what the tables expect of the parser.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse.ts';
import { uriOf } from '../../src/sip/uri.ts';
import { ipv6Torture } from './ipv6-torture-table.ts';
import { torture } from './torture-table.ts';

const folder = new URL('../fixtures/rfc4475/', import.meta.url);
const load = (file: string) => readFileSync(new URL(`${file}.dat`, folder));

function parsed(file: string): Message {
  const bytes = load(file);
  const message = parseMessage(bytes, 0, bytes.length);
  if (message.kind === 'fault') throw new Error(`${file}: ${message.detail}`);
  return message;
}

describe('RFC 4475', () => {
  it('has all 49 messages of section 3 in the table, each once, in the order of the sections', () => {
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.dat'))
      .map((name) => name.slice(0, -4));
    // The archive holds one message more than section 3 describes.
    expect(new Set(torture.map((row) => row.file))).toEqual(new Set(files.filter((name) => name !== 'test')));
    expect(torture).toHaveLength(49);
    const place = (section: string) => section.split('.').reduce((sum, part, i) => sum + Number(part) / 100 ** i, 0);
    const places = torture.map((row) => place(row.section));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  for (const row of torture) {
    it(`§${row.section} ${row.file}: ${row.title}: ${row.parse}`, () => {
      const bytes = load(row.file);
      const result = parseMessage(bytes, 0, bytes.length);
      expect(result.kind === 'fault' ? result.status : 'fine', row.why).toBe(row.parse);
      if (result.kind === 'fault') expect(result.answerable).toBe(!row.proxy.startsWith('response:'));
    });
  }

  it('says the same of each message wherever it lies in a larger buffer', () => {
    for (const row of torture) {
      const bytes = load(row.file);
      const buffer = Buffer.concat([Buffer.from('SIP/2.0 ,"\\<'), bytes, Buffer.from('\r\nVia: x\r\n\r\n"')]);
      const result = parseMessage(buffer, 12, 12 + bytes.length);
      expect(result.kind === 'fault' ? result.status : 'fine', row.file).toBe(row.parse);
    }
  });

  it('refuses each prefix of a valid message that lacks its end', () => {
    for (const row of torture.filter((one) => one.parse === 'fine')) {
      const { bytes, bodyStart } = parsed(row.file);
      for (let end = 0; end < bodyStart; end++)
        expect(parseMessage(bytes, 0, end).kind, `${row.file} ${end}`).toBe('fault');
    }
  });

  it('refuses the display name of baddn even when the message has its end', () => {
    const bytes = Buffer.concat([load('baddn'), Buffer.from('\r\n')]);
    expect(parseMessage(bytes, 0, bytes.length)).toMatchObject({ status: 400, detail: 'From is malformed' });
  });
});

describe('what the valid messages of RFC 4475 hold', () => {
  it('wsinv: folded and compact headers, three Via values', () => {
    const m = parsed('wsinv');
    expect(m.vias.map((via) => [via.transport, via.host, via.branch])).toEqual([
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
    expect(m).toMatchObject({ maxForwards: 68, cseq: 9, cseqMethod: 'INVITE', contentLength: 150 });
    expect(m.to.tag).toBe('1918181833n');
    expect(m.from.tag).toBe('98asjd8');
    expect(m.routes.map((route) => route.lr)).toEqual([true]);
    expect(m.contacts).toHaveLength(1);
    expect(uriOf(m.bytes, m.uri!).params).toEqual([{ name: 'unknownparam', value: undefined }]);
    expect(m.headers.map((header) => header.name)).toContain('subject');
  });

  it('intmeth: the whole range of characters', () => {
    const m = parsed('intmeth');
    expect(m.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    const uri = uriOf(m.bytes, m.uri!);
    expect(uri.user).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    expect(uri.password).toBe("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    expect(m.vias[0]?.branch).toBe("z9hG4bK-.!%66*_+`'~");
    expect(m.from.tag).toBe("_token~1'+`*%!-.");
    expect(m.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
    expect(m.maxForwards).toBe(255);
  });

  it('esc02: two Contact headers, not three', () => {
    expect(parsed('esc02').contacts).toHaveLength(2);
  });

  it('semiuri: the user ends at the @', () => {
    const semi = parsed('semiuri');
    expect(uriOf(semi.bytes, semi.uri!)).toMatchObject({
      user: 'user;par=u%40example.net',
      host: 'example.com',
      params: [],
    });
  });

  it('dblreq: the message ends where its Content-Length says', () => {
    const m = parsed('dblreq');
    expect(m.end).toBe(m.bodyStart);
    expect(m.end).toBeLessThan(m.bytes.length);
  });

  it('cparam01 and cparam02: a parameter is the header’s without brackets and the URI’s within', () => {
    const bare = parsed('cparam01').contacts[0]!;
    expect([bare.bracketed, bare.uri.paramsStart, bare.paramsStart < bare.end]).toEqual([false, -1, true]);
    const bracketed = parsed('cparam02').contacts[0]!;
    expect([bracketed.uri.paramsStart > 0, bracketed.paramsStart === bracketed.end]).toEqual([true, true]);
  });

  it('inv2543: no branch, tag or Max-Forwards', () => {
    const m = parsed('inv2543');
    expect([m.vias[0]?.branch, m.from.tag, m.maxForwards, m.contentLength]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(m.end - m.bodyStart).toBe(105);
  });

  it('bext01: the option tags', () => {
    const m = parsed('bext01');
    expect(m.proxyRequire).toEqual(['noProxiesSupportThis', 'norDoAnyProxiesSupportThis']);
    expect(m.require).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither']);
  });

  it('noreason and unreason: the reason phrase', () => {
    expect(parsed('noreason')).toMatchObject({ kind: 'response', status: 100, reason: '', method: 'INVITE' });
    expect(parsed('unreason').reason).toMatch(/^= 2\*\*3 \* 5\*\*2 /);
  });
});

describe('RFC 5118', () => {
  for (const row of ipv6Torture) {
    it(`§${row.section} ${row.name}: ${row.parse}`, () => {
      const body = row.body ?? '';
      const text = [row.startLine, ...row.headers, `Content-Length: ${body.length}`, '', body].join('\r\n');
      const bytes = Buffer.from(text, 'latin1');
      const result = parseMessage(bytes, 0, bytes.length);
      expect(result.kind === 'fault' ? result.status : 'fine', row.why).toBe(row.parse);
    });
  }

  it('takes received with and without brackets for the same address', () => {
    const values = ipv6Torture
      .filter((row) => row.name.startsWith('via-received'))
      .map((row) => {
        const bytes = Buffer.from(`${[row.startLine, ...row.headers].join('\r\n')}\r\n\r\n`, 'latin1');
        const m = parseMessage(bytes, 0, bytes.length);
        return m.kind === 'fault' ? m.detail : m.vias[0]?.received;
      });
    expect(values).toEqual(['2001:db8::9:255', '2001:db8::9:255']);
  });
});
