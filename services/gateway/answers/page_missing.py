"""What a person sees at the page's addresses where the page was not built."""

from html import escape


def page_missing(root_path: str) -> str:
    """HTML without styles and scripts, in both languages."""
    documentation = f'<a href="{escape(root_path)}/docs">{escape(root_path)}/docs</a>'
    return (
        '<!doctype html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n<title>Darkroom</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n<body>\n<h1>Darkroom</h1>\n'
        "<p>서버는 작동 중이지만 화면이 아직 만들어지지 않았습니다. 소스 폴더에서 <code>make page</code>를 실행한 뒤 "
        "이 페이지를 새로 고치세요. <code>pip install</code>로 설치했다면 그다음에 다시 설치하세요. "
        f"API는 그대로 쓸 수 있습니다: {documentation}</p>\n"
        '<p lang="en">The server runs, but its page has not been built. Run <code>make page</code> in the source '
        "folder and reload this page; if you installed Darkroom by <code>pip install</code>, install it again after "
        f"that. The API works without it: {documentation}</p>\n</body>\n</html>\n"
    )
