import type { Verdict } from '@vedette/server/audit/verify'
import type { VerificationLine } from '@vedette/server/desk/verification'
import { desk } from '../../desk.ts'
import { DeskProblem } from '../../problem.ts'
import { wordsOf } from '../../words.ts'

/** Has the desk go over the whole record, and tells how far it has come. Throws DeskProblem. */
export async function verify(
  signal: AbortSignal,
  onProgress: (at: { seq: number; of: number }) => void,
): Promise<Verdict> {
  const answer = await desk.ask('POST', '/audit/verification', undefined, { signal })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const lines = (text + part.value).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const said = JSON.parse(line) as VerificationLine
      if ('verdict' in said) return said.verdict
      onProgress(said)
    }
  }
  const t = wordsOf('record')
  const [detail, hint] = [t('cutOff.detail'), t('cutOff.hint')]
  throw new DeskProblem({ code: 'desk.cut-off', status: 0, detail, hint })
}
