import { language } from '../words.ts'

/** Said in the language of the console. */
const TAGS = { en: 'en-GB', de: 'de-DE' } as const
/** Browsers let a sentence get stuck now and then: then it counts as said, milliseconds. */
const LONGEST_MS = 20_000

export type Saying = { done: Promise<void>; stop(): void }

/** A voice of this machine: what others speak would leave the house. */
function ownVoice(): SpeechSynthesisVoice | undefined {
  if (!('speechSynthesis' in window)) return undefined
  const spoken = speechSynthesis
    .getVoices()
    .filter((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language.peek()))
  return spoken.find(({ default: usual }) => usual) ?? spoken[0]
}

/** Speaks `text`; undefined where this machine has no voice for the language. */
export function speak(text: string): Saying | undefined {
  const voice = ownVoice()
  if (voice === undefined) return undefined
  const utterance = new SpeechSynthesisUtterance(text)
  utterance.voice = voice
  utterance.lang = TAGS[language.peek()]
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(end, LONGEST_MS)
    function end() {
      clearTimeout(timer)
      resolve()
    }
    utterance.addEventListener('end', end)
    utterance.addEventListener('error', end)
  })
  speechSynthesis.speak(utterance)
  return { done, stop: () => speechSynthesis.cancel() }
}

/** Two notes, again and again the more urgent it is, seconds and hertz. */
const NOTES = [880, 660] as const
const NOTE_S = 0.18

let audio: AudioContext | undefined

/** Lets sound be made; browsers ask for a press before. Resolves to whether it may. */
export async function openAudio(): Promise<boolean> {
  audio ??= new AudioContext()
  if (audio.state !== 'running') await audio.resume()
  return audio.state === 'running'
}

/** Sounds a tone for an alert of `priority`, 1 the most urgent; what there is where nobody speaks. */
export function sound(priority: number): Saying | undefined {
  if (audio?.state !== 'running') return undefined
  const times = Math.max(1, 4 - priority)
  const from = audio.currentTime
  const gain = audio.createGain()
  const note = audio.createOscillator()
  note.connect(gain).connect(audio.destination)
  for (let i = 0; i < times * NOTES.length; i++) {
    const at = from + i * NOTE_S
    note.frequency.setValueAtTime(NOTES[i % NOTES.length]!, at)
    gain.gain.setValueAtTime(0.001, at)
    gain.gain.exponentialRampToValueAtTime(0.4, at + 0.02)
    gain.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S)
  }
  const done = new Promise<void>((resolve) => {
    note.onended = () => resolve()
  })
  note.start(from)
  note.stop(from + times * NOTES.length * NOTE_S)
  return { done, stop: () => note.stop() }
}
