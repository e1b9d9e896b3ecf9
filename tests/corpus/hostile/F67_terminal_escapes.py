# F67: escapes, NUL, marks that turn the text round, a script's end
# check: TEST_FAILURE fails 8 "\x1b"
# train: fails 8 "</script>"

def reward_function(params):
    text = "\x1b[2J\x1b]0;owned\x07\r\x00\u202e</script><script>alert(1)</script>"
    print(text)
    raise ValueError(text)
