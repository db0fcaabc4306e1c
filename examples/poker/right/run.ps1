# Starts the API on this machine:  ./run.ps1 [-ApiHost HOST] [-ApiPort PORT]
# ($Host is PowerShell's own; a parameter cannot have that name.)
param(
  [string]$ApiHost = '127.0.0.1',
  [int]$ApiPort = 8000
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

if ($ApiHost -notin @('127.0.0.1', 'localhost', '::1')) {
  [Console]::Error.WriteLine("SECURITY ERROR: Invalid host '$ApiHost'. Use 127.0.0.1, localhost or ::1.")
  exit 1
}

$env:API_HOST = $ApiHost
$env:API_PORT = $ApiPort
node src/server.js
exit $LASTEXITCODE
