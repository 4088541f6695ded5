import { z } from 'zod'

/** What only whoever has the server's machine may say of channels. */
export const channelsConfig = z.strictObject({
  /** Channels may go to addresses of the house's own network. */
  private: z.boolean().default(false),
  /** And to this machine. */
  loopback: z.boolean().default(false),
  /** Where people's browsers find the console, for links in mails. */
  link: z
    .url({ protocol: /^https$/ })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  /** Programs that make sound of text, and that are heard: aplay, or paplay. */
  speech: z
    .strictObject({
      program: z.string().min(1).default('espeak-ng'),
      player: z.string().min(1).default('aplay'),
      /** The service may use the sound card: without it only tests and `vedette-server run` are heard. */
      card: z.boolean().default(false),
    })
    .prefault({}),
})

export type ChannelsConfig = z.output<typeof channelsConfig>
