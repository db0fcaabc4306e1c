param(
    [switch]$Watch
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

$env:LISTEN_HOST = '127.0.0.1'
$env:LISTEN_PORT = '3355'

if ($Watch) {
    node --watch server.mjs
} else {
    node server.mjs
}
