import type { DockerEngine, Host } from '../../../lab/index.ts'

/**
 * Images that examples/monitoring builds on, without a registry: Debian's own Python under the name of the official image, and stand-ins
 * for PostgreSQL and Redis that only take connections.
 */
export async function makeImages(host: Host, engine: DockerEngine): Promise<void> {
  await engine.cli(['tag', 'lab:1', 'redis:7'])
  await host.run(['/bin/sh', '-e', '-c', SCRIPT], { env: { DOCKER_HOST: 'unix:///run/docker.sock', DOCKER_CONTEXT: undefined } })
}

const SCRIPT = `
root=$(mktemp -d /run/lab/python.XXXXXX)
mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/usr/lib64" "$root/tmp" "$root/etc"
ln -s usr/lib "$root/lib"; ln -s usr/lib64 "$root/lib64"; ln -s usr/bin "$root/bin"
cp -L /usr/bin/python3 "$root/usr/bin/python3"
cp /bin/busybox "$root/usr/bin/busybox"; ln "$root/usr/bin/busybox" "$root/usr/bin/sh"
version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
cp -r "/usr/lib/$version" "$root/usr/lib/"
rm -rf "$root/usr/lib/$version/test" "$root/usr/lib/$version/dist-packages"
echo root:x:0:0:root:/:/bin/sh > "$root/etc/passwd"
for file in /usr/bin/python3 /usr/lib/$version/lib-dynload/*.so; do ldd "$file"; done |
  tr -s ' \\t' '\\n' | grep '^/.*[.]so' | sort -u | while read -r library; do mkdir -p "$root$(dirname "$library")"; cp -L "$library" "$root$library"; done
tar -C "$root" -c . | docker import - python:3.12-slim
rm -rf "$root"
for each in postgres:16/5432 redis:7/6379; do
  name=\${each%/*}; port=\${each#*/}
  printf 'FROM lab:1\\nSTOPSIGNAL SIGKILL\\nCMD ["httpd","-f","-h","/www","-p","%s"]\\n' "$port" | docker build -q -t "$name" -
done
`
