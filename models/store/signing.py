"""Ed25519 signatures over manifests: who vouches for a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from models.errors import BundleBrokenError, SigningKeyUnusableError
from models.store.manifest import MANIFEST_NAME

SIGNATURE_NAME: Final = MANIFEST_NAME + ".sig"


def sign_manifest(folder: Path, private_key_pem: bytes) -> None:
    """Write the signature of the folder's manifest beside it.

    Args:
        folder: A bundle.
        private_key_pem: Ed25519 key, PEM (PKCS 8), not encrypted.

    Raises:
        SigningKeyUnusableError: Not an Ed25519 key, or one that is encrypted.
    """
    try:
        key = load_pem_private_key(private_key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningKeyUnusableError from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnusableError
    (folder / SIGNATURE_NAME).write_bytes(key.sign((folder / MANIFEST_NAME).read_bytes()))


def check_signature(folder: Path, public_keys_pem: tuple[bytes, ...]) -> None:
    """See that one of the trusted keys signed the folder's manifest.

    Raises:
        BundleBrokenError: `unsigned` without a signature; `signature` when no trusted key made it.
    """
    try:
        signature = (folder / SIGNATURE_NAME).read_bytes()
    except FileNotFoundError:
        raise BundleBrokenError(reason="unsigned") from None
    except OSError:
        raise BundleBrokenError(reason="signature") from None
    try:
        manifest = (folder / MANIFEST_NAME).read_bytes()
    except OSError:
        raise BundleBrokenError(reason="manifest") from None
    if not any(_is_signed_by(pem, signature, manifest) for pem in public_keys_pem):
        raise BundleBrokenError(reason="signature")


def _is_signed_by(public_key_pem: bytes, signature: bytes, content: bytes) -> bool:
    try:
        key = load_pem_public_key(public_key_pem)
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(signature, content)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True
