import type { Arch } from './arch.ts'
import type { PackageParts } from './packages.ts'

/** What dpkg is told of a package, and what it runs: the files of DEBIAN, by name. */
export function controlFiles(
  parts: PackageParts,
  about: { version: string; arch: Arch; glibc: string; installedKiB: number },
): Record<string, string> {
  const { name, depends, recommends, synopsis, description, conffiles } = parts
  const { version, arch, glibc, installedKiB } = about
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${arch.debian}`,
    'Maintainer: Vedette maintainers <maintainers@vedette.invalid>',
    `Installed-Size: ${installedKiB}`,
    `Depends: ${[`libc6 (>= ${glibc})`, 'libstdc++6', ...depends].join(', ')}`,
    `Recommends: ${recommends.join(', ')}`,
    'Section: net',
    'Priority: optional',
    `Description: ${synopsis}`,
    ...description.map((line) => ` ${line}`),
  ]
  return {
    control: `${control.join('\n')}\n`,
    ...(Object.keys(conffiles).length > 0 && {
      conffiles: `${Object.keys(conffiles).join('\n')}\n`,
    }),
    postinst: postinst(parts),
    prerm: prerm(parts),
    postrm: postrm(parts),
  }
}

/** Makes the user and gives it its home; enables nothing: there is no configuration yet. */
function postinst({ name, user, home, groups }: PackageParts): string {
  return script([
    'if [ "$1" = configure ]; then',
    `  if ! getent passwd ${user} >/dev/null; then`,
    `    useradd --system --user-group --no-create-home --home-dir ${home} \\`,
    `      --shell /usr/sbin/nologin --comment 'Vedette' ${user}`,
    '  fi',
    ...groups.map(
      (group) => `  getent group ${group} >/dev/null && usermod --append --groups ${group} ${user}`,
    ),
    `  chown ${user}:${user} ${home}`,
    `  chmod 0750 ${home}`,
    '  if [ -d /run/systemd/system ]; then',
    '    systemctl daemon-reload',
    '    # An upgrade: what runs is to run the new program; what was stopped stays so.',
    `    if [ -n "$2" ]; then systemctl try-restart ${name}.service || true; fi`,
    '  fi',
    'fi',
  ])
}

function prerm({ name }: PackageParts): string {
  return script([
    'if [ "$1" = remove ] && [ -d /run/systemd/system ]; then',
    `  systemctl disable --now ${name}.service || true`,
    'fi',
  ])
}

/** Purging takes everything: keys, the list, and who ran it. */
function postrm({ name, user, home, etc }: PackageParts): string {
  return script([
    'if [ "$1" = purge ]; then',
    `  rm -rf ${home} ${etc} /var/log/${user} /run/${user}`,
    `  rm -rf /etc/systemd/system/${name}.service.d`,
    `  if getent passwd ${user} >/dev/null; then userdel ${user} || true; fi`,
    `  if getent group ${user} >/dev/null; then groupdel ${user} || true; fi`,
    'fi',
    'if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi',
  ])
}

function script(lines: readonly string[]): string {
  return `#!/bin/sh\nset -e\n${lines.join('\n')}\n`
}
