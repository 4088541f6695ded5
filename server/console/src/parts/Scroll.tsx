import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** What may be wider than there is room: the keyboard reaches it as long as there is something to scroll. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  const region = useRef<HTMLElement>(null)
  useEffect(() => {
    const place = region.current
    if (!place) return
    const look = () => {
      if (place.scrollWidth > place.clientWidth) place.tabIndex = 0
      else place.removeAttribute('tabindex')
    }
    const watcher = new ResizeObserver(look)
    watcher.observe(place)
    if (place.firstElementChild) watcher.observe(place.firstElementChild)
    return () => watcher.disconnect()
  }, [])
  return (
    <section ref={region} class="scroll-x" aria-label={label}>
      {children}
    </section>
  )
}
