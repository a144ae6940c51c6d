"""The commands, one file each with its options, its checks and its work; what they call lives in the rooms below."""
