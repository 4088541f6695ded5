import { useSignal } from '@preact/signals'
import type { ErasureCertificate } from '@vedette/server/erasure/certificate'
import type { Entry } from '@vedette/server/store/entries'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Check } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { Photo } from './Photo.tsx'

type EraseDialogProps = { entry: Entry; onClose: (changed: boolean) => void }

/** Takes somebody off for good, and hands over the signed certificate that nothing is left. */
export function EraseDialog({ entry, onClose }: EraseDialogProps) {
  const t = useWords('wanted')
  const reason = useSignal('')
  const sure = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const certificate = useSignal<ErasureCertificate | undefined>(undefined)
  const ready = sure.value && reason.value.trim() !== ''

  const erase = async () => {
    if (!ready || busy.value) return
    busy.value = true
    problem.value = undefined
    try {
      const options = { reason: reason.value.trim() }
      certificate.value = await desk.delete<ErasureCertificate>(
        `/entries/${entry.id}`,
        undefined,
        options,
      )
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  if (certificate.value) return <Erased certificate={certificate.value} />
  return (
    <Dialog
      title={t('acts.eraseTitle', { name: entry.name })}
      onClose={() => onClose(false)}
      onSubmit={() => void erase()}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          <Button type="submit" kind="danger" busy={busy.value} disabled={!ready}>
            {t('acts.eraseDo')}
          </Button>
        </>
      }
    >
      <div class="row">
        <Photo entry={entry.id} alt={entry.name} size={96} />
        <p>{t('acts.eraseText')}</p>
      </div>
      <Problem problem={problem.value} />
      <ReasonField reason={reason} needed />
      <Check label={t('erase.sure', { name: entry.name })} field={sure} />
    </Dialog>
  )
}

function Erased({ certificate }: { certificate: ErasureCertificate }) {
  const t = useWords('wanted')
  const shell = useWords('shell')
  const { route } = useLocation()
  const { entry, erasedAt, by, why, record, signer, rows } = certificate
  const href = useMemo(() => {
    const text = `${JSON.stringify(certificate, null, 2)}\n`
    return URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  }, [certificate])
  useEffect(() => () => URL.revokeObjectURL(href), [href])
  const leave = () => route('/wanted')
  const gone = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return (
    <Dialog
      title={t('erase.done')}
      onClose={leave}
      footer={
        <>
          <a class="button" data-kind="primary" href={href} download={`erasure-${entry}.json`}>
            {t('erase.download')}
          </a>
          <Button onClick={leave}>{t('close')}</Button>
        </>
      }
    >
      <p>{t('erase.doneText')}</p>
      <dl class="wanted-details">
        <div>
          <dt>{t('entry.id')}</dt>
          <dd>
            <code>{entry}</code>
          </dd>
        </div>
        <div>
          <dt>{t('erase.at')}</dt>
          <dd>
            <Time at={erasedAt} />, {by}
          </dd>
        </div>
        <div>
          <dt>{shell('reason.label')}</dt>
          <dd>{why}</dd>
        </div>
        <div>
          <dt>{t('erase.rows')}</dt>
          <dd class="number">{gone}</dd>
        </div>
        <div>
          <dt>{t('erase.record')}</dt>
          <dd>
            {record.seq} <code class="wrap">{record.hash}</code>
          </dd>
        </div>
        <div>
          <dt>{t('erase.signer')}</dt>
          <dd>
            <code class="wrap">{signer}</code>
          </dd>
        </div>
      </dl>
      <p class="small quiet">{t('erase.verify')}</p>
    </Dialog>
  )
}
