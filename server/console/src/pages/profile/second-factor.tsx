import { useSignal } from '@preact/signals'
import type { RecoveryCodes } from '@vedette/server/desk/answered/own-account'
import type { Proposal } from '@vedette/server/operators/second-factors'
import { useMemo } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'

type SecondFactorProps = { has: boolean; codesLeft: number; onChange: () => void }

/** Codes of an authenticator app: begun, proved, and taken away again. */
export function SecondFactor({ has, codesLeft, onChange }: SecondFactorProps) {
  const t = useWords('profile')
  const proposal = useSignal<Proposal | undefined>(undefined)
  const codes = useSignal<string[] | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)

  const run = async (work: () => Promise<void>) => {
    problem.value = undefined
    try {
      await work()
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  const begin = () =>
    run(async () => {
      proposal.value = await desk.post<Proposal>('/me/second-factor')
    })
  const remove = () =>
    run(async () => {
      const sure = { text: t('factor.removeWhy'), yes: t('factor.remove') }
      if (!(await confirm(t('factor.removeTitle'), sure))) return
      await desk.delete('/me/second-factor')
      onChange()
    })

  return (
    <section class="card stack">
      <div class="row spread">
        <h2>{t('factor.title')}</h2>
        <Tag tone={has ? 'good' : 'warn'}>{t(has ? 'factor.on' : 'factor.off')}</Tag>
      </div>
      <Problem problem={problem.value} />
      <p>{t(has ? 'factor.have' : 'factor.why')}</p>
      {has && <p class={codesLeft < 3 ? '' : 'quiet'}>{t('factor.left', { count: codesLeft })}</p>}
      <div class="row">
        {has ? (
          <Button onClick={() => void remove()}>{t('factor.remove')}</Button>
        ) : (
          <Button kind="primary" onClick={() => void begin()}>
            {t('factor.begin')}
          </Button>
        )}
      </div>
      {proposal.value && (
        <Proving
          proposal={proposal.value}
          onClose={() => {
            proposal.value = undefined
          }}
          onProved={(all) => {
            proposal.value = undefined
            codes.value = all
          }}
        />
      )}
      {codes.value && (
        <Kept
          codes={codes.value}
          onClose={() => {
            codes.value = undefined
            onChange()
          }}
        />
      )}
    </section>
  )
}

type ProvingProps = {
  proposal: Proposal
  onClose: () => void
  onProved: (codes: string[]) => void
}

/** The secret goes into the app, and a code comes back. */
function Proving({ proposal, onClose, onProved }: ProvingProps) {
  const t = useWords('profile')
  const code = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const { picture, secret } = proposal
  const source = useMemo(() => `data:image/svg+xml,${encodeURIComponent(picture)}`, [picture])
  const prove = async () => {
    busy.value = true
    try {
      const path = '/me/second-factor/confirm'
      onProved((await desk.post<RecoveryCodes>(path, { code: code.value })).codes)
    } catch (error) {
      problem.value = asProblem(error)
      busy.value = false
    }
  }
  return (
    <Dialog
      title={t('factor.set')}
      onClose={onClose}
      onSubmit={() => void prove()}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value} disabled={code.value === ''}>
            {t('factor.prove')}
          </Button>
        </>
      }
    >
      <p>{t('factor.scan')}</p>
      <img class="qr" src={source} width="220" height="220" alt={t('factor.picture')} />
      <p>
        {t('factor.typed')} <code class="secret">{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </p>
      <Problem problem={problem.value} />
      <TextField
        label={t('factor.code')}
        hint={t('factor.codeHint')}
        inputMode="numeric"
        autocomplete="one-time-code"
        required
        maxLength={7}
        field={code}
      />
    </Dialog>
  )
}

/** Shown once. */
function Kept({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const t = useWords('profile')
  return (
    <Dialog
      title={t('factor.codes')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={() => void navigator.clipboard.writeText(codes.join('\n'))}>
            {t('factor.copy')}
          </Button>
          <Button kind="primary" onClick={onClose}>
            {t('factor.kept')}
          </Button>
        </>
      }
    >
      <p>{t('factor.codesWhy')}</p>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
    </Dialog>
  )
}
