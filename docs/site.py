"""A hook of mkdocs: the notebooks become the pages of the tutorial, as they are committed; nothing is run."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbconvert import MarkdownExporter
from traitlets.config import Config

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages where ``tutorial/`` stands in the navigation."""
    tutorial = [f"tutorial/{path.stem}.md" for path in notebooks()]
    entries = [(title, item) for entry in config.nav or [] for title, item in entry.items()]
    config.nav = [{title: tutorial if item == "tutorial/" else item} for title, item in entries]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    exporter = MarkdownExporter(
        config=Config({"ExtractOutputPreprocessor": {"enabled": False}}),  # pictures stay in the page
    )
    for path in notebooks():
        text, _ = exporter.from_filename(str(path))
        files.append(File.generated(config, f"tutorial/{path.stem}.md", content=text))
    return files


def notebooks() -> list[Path]:
    return sorted(NOTEBOOKS.glob("*.ipynb"))
