"""Texts that try to become a part of the page: sixty ways from lists of cross-site scripting that browsers know.

Each would set ``window.wasRun`` if it were taken for anything but text.
"""

from __future__ import annotations

_RUN = "window.wasRun=1"

_TAGS = [
    f"<script>{_RUN}</script>",
    f"<SCRIPT SRC=data:,{_RUN}></SCRIPT>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<script >{_RUN}</script >",
    f"<script/x>{_RUN}</script/x>",
    f"<script type=module>{_RUN}</script>",
    f"<noscript><p title='</noscript><img src=x onerror={_RUN}>'>",
    f"<template><script>{_RUN}</script></template>",
    f"<style>@import 'javascript:{_RUN}';</style>",
    f"<link rel=stylesheet href=javascript:{_RUN}>",
    f"<base href=javascript:{_RUN}//>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    f"<object data=javascript:{_RUN}></object>",
    f"<embed src=javascript:{_RUN}>",
    f"<iframe src=javascript:parent.{_RUN[7:]}></iframe>",
    f"<iframe srcdoc='<script>parent.{_RUN[7:]}</script>'></iframe>",
    f"<form action=javascript:{_RUN}><input type=submit autofocus></form>",
    f"<isindex action=javascript:{_RUN} type=image>",
    f"<math><a xlink:href=javascript:{_RUN}>x</a></math>",
    f"<svg><script>{_RUN}</script></svg>",
]
_HANDLERS = [
    f"<img src=x onerror={_RUN}>",
    f"<img src=x onerror='{_RUN}'>",
    f"<img/src=x/onerror={_RUN}>",
    f"<IMG SRC=x ONERROR={_RUN}>",
    f"<img src=x:x onerror\n={_RUN}>".replace("\n", ""),
    f"<svg onload={_RUN}>",
    f"<svg/onload={_RUN}//",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<body onload={_RUN}>",
    f"<body onpageshow={_RUN}>",
    f"<input onfocus={_RUN} autofocus>",
    f"<select onfocus={_RUN} autofocus></select>",
    f"<textarea onfocus={_RUN} autofocus></textarea>",
    f"<details open ontoggle={_RUN}>",
    f"<video><source onerror={_RUN}></video>",
    f"<audio src=x onerror={_RUN}>",
    f"<marquee onstart={_RUN}>",
    f"<div onpointerover={_RUN} style=position:fixed;inset:0>",
    f"<a onmouseover={_RUN} style=position:fixed;inset:0>",
    f"<p style=animation-name:x onanimationstart={_RUN}>",
]
_BREAKOUTS = [
    f'"><script>{_RUN}</script>',
    f"'><script>{_RUN}</script>",
    f'" onmouseover="{_RUN}" x="',
    f"' onfocus='{_RUN}' autofocus x='",
    f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</pre><img src=x onerror={_RUN}>",
    f"</script><script>{_RUN}</script>",
    f"--><script>{_RUN}</script><!--",
    f"]]><script>{_RUN}</script>",
    "</pre><style>*{display:none}</style>",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
]
_TEMPLATES = [
    f"javascript:{_RUN}",
    f"jAvAsCrIpT:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"${{{_RUN}}}",
    f"#{{{_RUN}}}",
    f"<%= {_RUN} %>",
    f"[x](javascript:{_RUN})",
]

PAYLOADS = [*_TAGS, *_HANDLERS, *_BREAKOUTS, *_TEMPLATES]
