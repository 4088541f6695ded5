import { useSignal } from '@preact/signals'
import { Button } from '../../parts/Button.tsx'
import { useWords } from '../../words.ts'
import { Webcam } from './Webcam.tsx'

type Taken = { file: Blob; name: string; source: string }

/** Opens the camera of this device; what it took has the time for a name. */
export function WebcamButton({ onTaken }: { onTaken: (files: Taken[]) => unknown }) {
  const t = useWords('wanted')
  const filming = useSignal(false)
  return (
    <>
      <Button
        onClick={() => {
          filming.value = true
        }}
      >
        {t('add.webcam')}
      </Button>
      {filming.value && (
        <Webcam
          onClose={() => {
            filming.value = false
          }}
          onTaken={(blobs) => {
            filming.value = false
            const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
            const nameOf = (i: number) => `webcam-${stamp}-${i + 1}.jpg`
            const source = t('webcam.source')
            onTaken(blobs.map((file, i) => ({ file, name: nameOf(i), source })))
          }}
        />
      )}
    </>
  )
}
