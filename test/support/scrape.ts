import { request } from 'node:http'

export type Answer = { status: number; type: string; body: string }
export type Sample = { name: string; labels: Record<string, string>; value: number }

/** Asks for a page on loopback. */
export function get(port: number, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
      const { statusCode: status = 0, headers } = response
      let body = ''
      response.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      response.on('end', () => resolve({ status, type: headers['content-type'] ?? '', body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g

/** Reads the text format of Prometheus, strictly; every sample must have been given a type. */
export function parseFigures(text: string): Sample[] {
  const types = new Map<string, string>()
  return text.split('\n').flatMap((line) => {
    const [, named, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? []
    if (named !== undefined) types.set(named, type!)
    if (line === '' || line.startsWith('#')) return []
    const [, name = '', labels = '', value] = SAMPLE.exec(line) ?? []
    const family = [name, name.replace(/_(bucket|sum|count)$/, '')].find((one) => types.has(one))
    if (family === undefined) throw new SyntaxError(`no sample of a known family: ${line}`)
    const pairs = [...labels.matchAll(LABEL)].map(([, key, text]) => [key!, text!])
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })
}

/** The names of what a text in the format of Prometheus has a type for. */
export function familiesOf(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!)
}

/** What a scrape of /metrics gives. */
export async function scrape(port: number): Promise<Sample[]> {
  const { status, type, body } = await get(port, '/metrics')
  if (status !== 200 || !type.startsWith('text/plain')) throw new SyntaxError(`${status} ${type}`)
  return parseFigures(body)
}

/** The value of the sample `name` that has these labels among its own. */
export function figureOf(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  return samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value
}
