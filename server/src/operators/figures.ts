import { codeOf } from '@vedette/shared/errors'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter } from 'prom-client'
import type { SignIn } from './sign-in.ts'

/** What can become of an attempt to sign in, as it is counted. */
const OUTCOMES: Readonly<Record<string, string>> = {
  'signin.refused': 'wrong',
  'signin.wait': 'early',
  'signin.stopped': 'stopped',
  'captcha.missing': 'puzzled',
  'captcha.wrong': 'puzzled',
  'password.busy': 'busy',
}

/** Counts how people, and those who guess, fare at the console's door. */
export function countSignIns(metrics: Metrics, signIn: Pick<SignIn, 'listen'>): void {
  const attempts = new Counter({
    name: 'vedette_signins_total',
    help: 'Attempts to sign in at the console.',
    labelNames: ['result'],
    registers: [metrics],
  })
  for (const result of ['in', 'failed', ...Object.values(OUTCOMES)]) attempts.inc({ result }, 0)
  signIn.listen((error) => {
    const result = error === undefined ? 'in' : (OUTCOMES[codeOf(error)] ?? 'failed')
    attempts.inc({ result })
  })
}
