"""A key store and a storage for tests, and the ends of the wire that they need. No key of these is a secret."""

import pathlib
import socket
import subprocess

import shikaku
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


class Keys(shikaku.DeviceKey):
    def __init__(self):
        self.keys = {}

    def create(self, name, challenge):
        assert challenge is None or len(challenge) == 32
        self.keys[name] = ec.generate_private_key(ec.SECP256R1())
        return None

    def public_key(self, name):
        form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return self.keys[name].public_key().public_bytes(*form) if name in self.keys else None

    def sign(self, name, message):
        if name not in self.keys:
            raise shikaku.PlatformError.KeyLost()
        r, s = utils.decode_dss_signature(self.keys[name].sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def erase(self, name):
        self.keys.pop(name, None)


class Storage(shikaku.SealedStorage):
    def __init__(self):
        self.files = {}

    def read(self, name):
        return self.files.get(name)

    def write(self, name, octets):
        self.files[name] = octets

    def erase(self, name):
        self.files.pop(name, None)

    def wrap(self, secret):
        return secret[::-1]

    def unwrap(self, wrapped):
        return wrapped[::-1]


class Card:
    """The virtual card as a process of its own, dialling in as it does at pcscd's vpcd."""

    def __init__(self, program, name="default"):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(10)
            address = "127.0.0.1:%d" % listener.getsockname()[1]
            self.process = subprocess.Popen(
                [program, "virtual-card", "--vpcd", address, "--card", name],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            self.line, _ = listener.accept()
        self.line.settimeout(10)
        self._send(b"\x01")

    def transmit(self, command):
        self._send(command)
        length = int.from_bytes(self._receive(2), "big")
        return self._receive(length)

    def power_cycle(self):
        self._send(b"\x00")
        self._send(b"\x01")

    def close(self):
        self.line.close()
        self.process.terminate()
        self.process.wait(10)

    def _send(self, octets):
        self.line.sendall(len(octets).to_bytes(2, "big") + octets)

    def _receive(self, count):
        octets = b""
        while len(octets) < count:
            part = self.line.recv(count - len(octets))
            assert part, "the card is gone"
            octets += part
        return octets


def app(trust: pathlib.Path):
    return shikaku.AppFacts(
        version="1.0.0", platform=shikaku.Platform.LINUX, trust=trust.read_text(encoding="utf-8"),
        test_services=True, terms_version=0, terms="アプリの規約",
    )
