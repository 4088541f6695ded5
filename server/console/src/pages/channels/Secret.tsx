import { useSignal } from '@preact/signals'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'

/** What the receiver of a webhook must know: shown this once. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const t = useWords('channels')
  const copied = useSignal(false)
  return (
    <Dialog
      title={t('secret.title')}
      onClose={onClose}
      footer={
        <>
          <Button
            onClick={async () => {
              await navigator.clipboard.writeText(secret)
              copied.value = true
            }}
          >
            {t(copied.value ? 'secret.copied' : 'secret.copy')}
          </Button>
          <Button kind="primary" onClick={onClose}>
            {t('secret.done')}
          </Button>
        </>
      }
    >
      <p>{t('secret.text')}</p>
      <Field label={t('secret.label')}>
        {(tied) => (
          <input
            {...tied}
            type="text"
            readOnly
            value={secret}
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
    </Dialog>
  )
}
