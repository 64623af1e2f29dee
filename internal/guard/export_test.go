package guard

// DecidedForTest makes decisions for sender 7 that the present policy never takes: tests see what becomes of them.
func DecidedForTest(door Door, list ...Decision) Decisions {
	return Decisions{door: door, sender: 7, list: list, told: list}
}
