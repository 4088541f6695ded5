import { useSignal } from '@preact/signals'
import { urlOf } from '../../desk.ts'
import { Icon } from '../../parts/icons.tsx'

type PhotoProps = {
  entry: string
  /** 1 is the first. */
  photo?: number
  alt: string
  size?: number
}

/** A photograph of an entry; an outline where there is none, or none any more. */
export function Photo({ entry, photo = 1, alt, size }: PhotoProps) {
  const failed = useSignal(false)
  if (failed.value) {
    return (
      <span class="wanted-face" role="img" aria-label={alt}>
        <Icon name="wanted" size={32} />
      </span>
    )
  }
  return (
    <img
      class="wanted-face"
      src={urlOf(`/entries/${entry}/photos/${photo}`)}
      alt={alt}
      loading="lazy"
      decoding="async"
      {...(size && { width: size, height: size })}
      onError={() => {
        failed.value = true
      }}
    />
  )
}
