"""Types of Graph's calling API, and a comparison of bodies with them.

``tests/samples/types.json`` has the names of types, their members and values, from Microsoft's TypeScript types;
``python -m tests.simulator.graph_types`` reads them again from npm.
"""

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

FILE = Path(__file__).parent.parent / "samples" / "types.json"
PACKAGES = {
    "v1.0": "@microsoft/microsoft-graph-types@2.43.1",
    "beta": "@microsoft/microsoft-graph-types-beta@0.44.0-preview",
}
NAMESPACE = "#microsoft.graph."
ROOTS = ("Call", "CommsNotifications", "CommunicationsIdentitySet", "DeltaParticipants")
BASES = ("CommsOperation", "MeetingInfo", "MediaConfig", "Prompt", "CallOptions")
KINDS = {"string": str, "number": (int, float), "boolean": bool, "any": object}

# Reading the types

_DECLARATION = re.compile(r"^export interface (\w+)(?: extends (\w+))? \{([^{}]*)\}$", re.MULTILINE)
_ENUMERATION = re.compile(r"^export type (\w+) =([^;]*);", re.MULTILINE)
_MEMBER = re.compile(r"^ +(\w+)\?: (?:NullableOption<(.+)>|(.+));$", re.MULTILINE)


def extract(text):
    """Return the types of calling in a declaration file, with the enumerations that they use."""
    text = re.sub(r"^ *//[^\n]*\n|/\*.*?\*/", "", text, flags=re.MULTILINE | re.DOTALL)
    found = {name: (base, body) for name, base, body in _DECLARATION.findall(text)}
    values = {name: re.findall(r'"(\w+)"', body) for name, body in _ENUMERATION.findall(text)}
    types, enumerations = {}, {}
    waiting = [*ROOTS, *(name for name, (base, _) in found.items() if base in BASES)]
    while waiting:
        name = waiting.pop().removesuffix("[]")
        if name in values:
            enumerations[name] = values[name]
        elif name in found and name not in types:
            base, body = found[name]
            members = {member: nullable + "?" if nullable else kind for member, nullable, kind in _MEMBER.findall(body)}
            types[name] = {"base": base, "members": members}
            waiting += [base, *(kind.removesuffix("?") for kind in members.values())]
    return {"types": dict(sorted(types.items())), "enumerations": dict(sorted(enumerations.items()))}


def download(package):
    """Return the declarations of a package of npm."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, package]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            return archive.extractfile("package/microsoft-graph.d.ts").read().decode().replace("\r\n", "\n")


# Comparing bodies


class GraphTypes:
    """The types of a version."""

    def __init__(self, version):
        data = json.loads(FILE.read_text())[version]
        self._types = data["types"]
        self._enumerations = data["enumerations"]

    def list_differences(self, value, name):
        """Yield each difference of a value from a type: the member, and the problem if it is declared."""
        name, difference = self._find_type(value, name)
        if difference:
            yield difference
        members = self._list_members(name)
        for member, inner in value.items():
            label = f"{_uncapitalize(self._find_owner(name, member))}.{member}"
            if member in members:
                yield from self._compare(inner, members[member], label)
            elif not member.startswith("@odata."):
                yield label

    def _find_type(self, value, declared):
        """Return the type that a value names, and the difference if it is unknown or not a declared one."""
        named = value.get("@odata.type", NAMESPACE + declared).removeprefix(NAMESPACE)
        actual = named[:1].upper() + named[1:]
        if actual not in self._types:
            return declared, f"{_uncapitalize(actual)}: unknown type"
        return actual, "" if declared in self._list_bases(actual) else f"{named}: instead of {_uncapitalize(declared)}"

    def _list_bases(self, name):
        bases = []
        while name:
            bases.append(name)
            name = self._types[name]["base"]
        return bases

    def _list_members(self, name):
        members = {}
        for base in self._list_bases(name):
            members |= self._types[base]["members"]
        return members

    def _find_owner(self, name, member):
        """Return the base type that declares a member, or the type itself for an unknown member."""
        bases = self._list_bases(name)
        return next((base for base in bases if member in self._types[base]["members"]), name)

    def _compare(self, value, kind, label):
        if value is None:
            if not kind.endswith("?"):
                yield f"{label}: null"
            return
        kind = kind.removesuffix("?")
        if kind.endswith("[]"):
            if not isinstance(value, list):
                yield f"{label}: not an array"
                return
            for item in value:
                yield from self._compare(item, kind.removesuffix("[]"), label)
        elif kind in self._enumerations:
            yield from self._compare_enumeration(value, kind, label)
        elif kind in self._types:
            yield from self.list_differences(value, kind) if isinstance(value, dict) else [f"{label}: not an object"]
        elif not isinstance(value, KINDS[kind]) or (kind == "number" and isinstance(value, bool)):
            yield f"{label}: not a {kind}"

    def _compare_enumeration(self, value, kind, label):
        values = self._enumerations[kind]
        if value in values:
            return
        is_known = isinstance(value, str) and value.lower() in (each.lower() for each in values)
        yield f"{label}: letter case" if is_known else f"{label}: {value}"


def _uncapitalize(name):
    return name[:1].lower() + name[1:]


if __name__ == "__main__":
    extracted = {version: {"package": package, **extract(download(package))} for version, package in PACKAGES.items()}
    FILE.write_text(json.dumps(extracted, indent=1) + "\n")
