/** A processor as Debian, Node and the cross compiler name it. */
export type Arch = {
  debian: 'amd64' | 'arm64'
  node: 'x64' | 'arm64'
  /** Prefix of the compiler in Debian's cross toolchain. */
  gnu: string
  /** e_machine in the head of an ELF file. */
  elf: number
}

export const ARCHES: readonly Arch[] = [
  { debian: 'amd64', node: 'x64', gnu: 'x86_64-linux-gnu', elf: 62 },
  { debian: 'arm64', node: 'arm64', gnu: 'aarch64-linux-gnu', elf: 183 },
]
