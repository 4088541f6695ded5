import { useSignal } from '@preact/signals'
import type { ChannelKind } from '@vedette/server/channels/channel'
import type { ChannelAdded, ChannelStatus } from '@vedette/server/desk/routes/channels'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Check } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { language, useWords } from '../../words.ts'
import { type Draft, draftOf, newDraft, settingsOf } from './draft.ts'
import { RulesFields } from './RulesFields.tsx'
import { SettingsFields } from './SettingsFields.tsx'

type ChannelDialogProps = {
  /** One that there is, or the kind of a new one. */
  edited: ChannelStatus | ChannelKind
  onClose: () => void
  onSaved: (saved: ChannelAdded) => void
}

export function ChannelDialog({ edited, onClose, onSaved }: ChannelDialogProps) {
  const t = useWords('channels')
  const shell = useWords('shell')
  const known = typeof edited === 'string' ? undefined : edited
  const before = known && draftOf(known)
  const draft = useSignal<Draft>(
    before ?? newDraft(edited as ChannelKind, language.peek() === 'de' ? 'de' : 'en'),
  )
  const newSecret = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const { kind, name, rules } = draft.value
  const change = (next: Partial<Draft>) => {
    draft.value = { ...draft.peek(), ...next }
  }
  const save = async () => {
    busy.value = true
    problem.value = undefined
    const settings = settingsOf(draft.peek(), before)
    try {
      const saved = known
        ? await desk.patch<ChannelAdded>(`/channels/${encodeURIComponent(known.id)}`, {
            ...{ name, rules, settings },
            ...(newSecret.peek() && { newSecret: true }),
          })
        : await desk.post<ChannelAdded>('/channels', { kind, name, rules, settings })
      onSaved(saved)
    } catch (error) {
      problem.value = asProblem(error)
    }
    busy.value = false
  }
  return (
    <Dialog
      wide
      title={known ? t('dialog.edit', { name: known.name }) : t(`dialog.add.${kind}`)}
      onClose={onClose}
      onSubmit={save}
      footer={
        <>
          <Button onClick={onClose}>{shell('ask.cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value}>
            {t(known ? 'dialog.save' : 'dialog.do')}
          </Button>
        </>
      }
    >
      <p class="quiet">{t(`about.${kind}`)}</p>
      <Problem problem={problem.value} />
      <div class="channel-fields">
        <div class="stack">
          <h3>{t('dialog.where')}</h3>
          <TextField
            label={t('dialog.name')}
            hint={t('dialog.nameHint')}
            required
            maxLength={100}
            value={name}
            onValue={(next) => change({ name: next })}
          />
          <SettingsFields
            draft={draft.value}
            isNew={!known}
            onChange={(settings) => change({ settings })}
          />
          {known?.kind === 'webhook' && <Check label={t('secret.renew')} field={newSecret} />}
        </div>
        <div class="stack">
          <h3>{t('dialog.what')}</h3>
          <RulesFields rules={rules} kind={kind} onChange={(rules) => change({ rules })} />
        </div>
      </div>
    </Dialog>
  )
}
