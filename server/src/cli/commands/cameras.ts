import { Command } from 'commander'
import { placeCommand, placesCommand } from './places.ts'

export function camerasCommand(): Command {
  return new Command('cameras')
    .description('where cameras are')
    .addCommand(placesCommand())
    .addCommand(placeCommand())
}
