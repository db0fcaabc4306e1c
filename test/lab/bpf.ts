/** Loads a BPF program of two instructions, attaches it, says so, and holds on to it until it is told to end. */
export const ATTACH = `
import ctypes, os, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
number = {'x86_64': 321, 'aarch64': 280}[os.uname().machine]

def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes.ljust(160, b'\\0'), 160)
    result = libc.syscall(number, command, buffer, 160)
    if result < 0: sys.exit(os.strerror(ctypes.get_errno()))
    return result

def load(kind, expected, answer):
    code = struct.pack('<BBhi', 0xb7, 0, 0, answer) + struct.pack('<BBhi', 0x95, 0, 0, 0)
    instructions, license = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b'GPL')
    at = (ctypes.addressof(instructions), ctypes.addressof(license))
    return bpf(5, struct.pack('<IIQQIIQII16sII', kind, 2, *at, 0, 0, 0, 0, 0, b'shut', 0, expected))

CGROUP_INGRESS, TCX_INGRESS, SK_LOOKUP = 0, 46, 36
what = sys.argv[1]
if what == 'tcx':
    program, target, where = load(3, TCX_INGRESS, 2), socket.if_nametoindex(sys.argv[2]), TCX_INGRESS
elif what == 'sk_lookup':
    program, target, where = load(30, SK_LOOKUP, 0), os.open('/proc/self/ns/net', os.O_RDONLY), SK_LOOKUP
else:
    program, target, where = load(8, CGROUP_INGRESS, 0), os.open(sys.argv[2], os.O_RDONLY), CGROUP_INGRESS
if what == 'cgroup-program':
    bpf(8, struct.pack('<IIII', target, program, where, 2))
    link = program
else:
    link = bpf(28, struct.pack('<IIII', program, target, where, 0))
print('attached', flush=True)
# A cgroup's program stays without whoever attached it.
if what != 'cgroup-program': time.sleep(1000000)
`
