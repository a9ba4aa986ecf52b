"""Chinese as data: pinyin, numbers, dates."""
