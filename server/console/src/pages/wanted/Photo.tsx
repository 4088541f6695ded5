import { useSignal } from '@preact/signals'
import { urlOf } from '../../desk.ts'
import { Icon } from '../../parts/icons.tsx'

type PhotoProps = {
  entry: string
  /** 1 is the first. */
  photo?: number
  alt: string
  size?: number
  /** Of the photograph at that place now: the browser shows none again under an address it knows. */
  version?: string
}

/** A photograph of an entry; an outline where there is none, or none any more. */
export function Photo({ entry, photo = 1, alt, size, version }: PhotoProps) {
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
      src={urlOf(`/entries/${entry}/photos/${photo}${version === undefined ? '' : `?${version}`}`)}
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
