"""Hook of mkdocs that makes the tutorial's pages from the committed notebooks, without running them."""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbconvert import MarkdownExporter

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace ``tutorial/`` in the navigation by its pages."""
    tutorial = [f"tutorial/{path.stem}.md" for path in notebooks()]
    entries = [(title, item) for entry in config.nav or [] for title, item in entry.items()]
    config.nav = [{title: tutorial if item == "tutorial/" else item} for title, item in entries]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for path in notebooks():
        files.append(File.generated(config, f"tutorial/{path.stem}.md", content=page(path)))
    return files


def notebooks() -> list[Path]:
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def page(path: Path) -> str:
    """Return a notebook as Markdown, with links to other pages, embedded pictures and their descriptions."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(".ipynb)", ".md)")
        for output in cell.get("outputs", ()):
            tell(output.get("data", {}), cell.metadata.get("alt", ""))
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    return text


def tell(data: dict[str, str], words: str) -> None:
    """Replace a picture by Markdown with its description."""
    for mime in ("image/svg+xml", "image/png"):
        if mime in data:
            picture = data.pop(mime)
            encoded = base64.b64encode(picture.encode()).decode() if "svg" in mime else picture.strip()
            data["text/markdown"] = f"![{words}](data:{mime};base64,{encoded})"
