/** Run in the page: notes in `painted` when each new alert is first seen, row or notice, by its id. */
export const PAINTED = `(() => {
  window.painted = {}
  const list = document.querySelector('.rows')
  list.scrollTop = list.scrollHeight
  const known = new Set([...document.querySelectorAll('.alert-row')].map(({ id }) => id))
  const look = () => {
    const fresh = [...document.querySelectorAll('.alert-row')].filter(({ id }) => !known.has(id))
    for (const { id } of fresh) known.add(id)
    if (fresh.length === 0) return
    // In the second frame from here the first one has been shown.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const { id } of fresh) window.painted[id.slice(4)] = Date.now()
      list.scrollTop = list.scrollHeight
    }))
  }
  new MutationObserver(look).observe(list, { childList: true, subtree: true })
})()`

/** Run in the page: milliseconds of each frame while the queue is scrolled from end to end. */
export const SCROLL = `(length) => new Promise((resolve) => {
  const list = document.querySelector('.rows')
  const most = list.scrollHeight - list.clientHeight
  const frames = []
  const began = performance.now()
  let last = began
  const frame = (now) => {
    if (now > last) frames.push(now - last)
    last = now
    const way = (now - began) / length
    list.scrollTop = most * (way < 0.5 ? 2 * way : 2 - 2 * way)
    if (way < 1) requestAnimationFrame(frame)
    else resolve({ frames: frames.slice(1) })
  }
  requestAnimationFrame(frame)
})`

/** Run in the page: milliseconds from a word typed into the filter until it is drawn, and painted. */
export const FILTER = `async (words) => {
  const input = document.querySelector('.filters input')
  const script = []
  const painted = []
  for (let round = 0; round < 8; round++) {
    for (const word of words) {
      await new Promise(requestAnimationFrame)
      const began = performance.now()
      input.value = word
      input.dispatchEvent(new Event('input', { bubbles: true }))
      await Promise.resolve()
      document.body.getBoundingClientRect()
      await new Promise((resolve) => setTimeout(resolve))
      script.push(performance.now() - began)
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      painted.push(performance.now() - began)
    }
  }
  return { script, painted }
}`

/** Run in the page: how long the desk took to answer with the queue, and how large that was. */
export const QUEUE = `(() => {
  const [found] = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/queue'))
  return { ms: found.responseEnd - found.requestStart, bytes: found.decodedBodySize }
})()`
