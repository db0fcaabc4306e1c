#requires -Version 5.1
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

# reachable for the test tablets
$env:HOST = "0.0.0.0"
$env:PORT = 3600

node .\server.js
