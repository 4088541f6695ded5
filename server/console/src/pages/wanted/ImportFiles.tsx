import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import { chosen, dropped } from './import-given.ts'
import type { Given } from './import-placed.ts'
import { type Found, readRows } from './import-rows.ts'

type ImportFilesProps = {
  found: Found | undefined
  disabled: boolean
  onFound: (found: Found) => void
}

/** Takes a folder, a ZIP, or a table with its photographs: chosen, or dropped anywhere on the page. */
export function ImportFiles({ found, disabled, onFound }: ImportFilesProps) {
  const t = useWords('wanted')
  const folder = useRef<HTMLInputElement>(null)
  const files = useRef<HTMLInputElement>(null)
  const over = useSignal(false)
  const reading = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)

  const take = async (asked: Promise<Given>) => {
    problem.value = undefined
    reading.value = true
    try {
      const given = await asked
      if ('fault' in given) onFound({ rows: [], others: [], fault: given.fault })
      else if (given.files.length > 0) onFound(await readRows(given.files))
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      reading.value = false
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    over.value = false
    const items = event.dataTransfer?.items
    if (items && !disabled) void take(dropped(items))
  }
  const latest = useRef(drop)
  latest.current = drop

  useEffect(() => {
    const onOver = (event: DragEvent) => {
      event.preventDefault()
      over.value = true
    }
    const onLeave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) over.value = false
    }
    const onDrop = (event: DragEvent) => latest.current(event)
    window.addEventListener('dragover', onOver)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [])

  const photos = found?.rows.reduce((sum, row) => sum + row.photos.length, 0)
  const choose = (event: { currentTarget: HTMLInputElement }) => {
    const list = [...(event.currentTarget.files ?? [])]
    // So that the same may be chosen again.
    event.currentTarget.value = ''
    if (list.length > 0) void take(chosen(list))
  }
  return (
    <section
      class="card stack wanted-drop"
      aria-label={t('import.files')}
      data-over={over.value && !disabled}
    >
      <input
        ref={folder}
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-label={t('import.folder')}
        {...{ webkitdirectory: true }}
        onChange={choose}
      />
      <input
        ref={files}
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        accept=".zip,.csv,.tsv,image/jpeg,image/png,image/webp"
        aria-label={t('import.table')}
        onChange={choose}
      />
      <div class="row">
        <Button kind="primary" disabled={disabled} onClick={() => folder.current?.click()}>
          {t('import.folder')}
        </Button>
        <Button disabled={disabled} onClick={() => files.current?.click()}>
          {t('import.table')}
        </Button>
      </div>
      <p class="quiet small">{t('import.drop')}</p>
      <p class="small quiet">{t('import.layout')}</p>
      {reading.value && <Progress label={t('import.reading')} />}
      <Problem problem={problem.value} />
      {found?.fault && !reading.value && (
        <p class="problem" role="alert">
          {t(`import.${found.fault}`)}
        </p>
      )}
      {found && !found.fault && !reading.value && (
        <p role="status">
          {t('import.found', { count: found.rows.length, photos })}
          {found.others.length > 0 && (
            <span class="quiet"> {t('import.others', { count: found.others.length })}</span>
          )}
        </p>
      )}
    </section>
  )
}
