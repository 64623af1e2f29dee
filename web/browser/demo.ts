import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a test needs to know of the running demo. */
export interface Demo {
  dir: string;
  /** http://localhost:PORT, the canonical origin of its pages. */
  origin: string;
  ports: Record<string, number>;
  accounts: Record<string, string>[];
  fresh: Record<string, string>[];
}

let read: Demo | undefined;

/** The demo whose folder NAVETTE_DEMO names. */
export function demo(): Demo {
  if (read) return read;
  const dir = process.env['NAVETTE_DEMO'];
  if (!dir) throw new Error('NAVETTE_DEMO must be the folder of a running demo: `go test ./test/e2e -run Browser` starts one');
  const ports = JSON.parse(readFileSync(join(dir, 'ports.json'), 'utf8')) as Record<string, number>;
  read = {
    dir,
    ports,
    origin: `http://localhost:${ports['http']}`,
    accounts: csv(join(dir, 'accounts.csv')),
    fresh: csv(join(dir, 'fresh.csv')),
  };
  return read;
}

/** A CSV file as records by the names of its header. The demo's files quote nothing. */
function csv(path: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
