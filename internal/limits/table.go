package limits

// table maps keys to values and holds at most limit of them; the key used longest ago makes room. It is not safe for
// several goroutines.
type table[K comparable, V any] struct {
	limit  int
	nodes  map[K]*node[K, V]
	newest *node[K, V]
	oldest *node[K, V]
}

type node[K comparable, V any] struct {
	key          K
	value        V
	newer, older *node[K, V]
}

func newTable[K comparable, V any](limit int) table[K, V] {
	return table[K, V]{limit: max(1, limit), nodes: make(map[K]*node[K, V])}
}

// get returns the value of key, nil where there is none, and counts as a use.
func (t *table[K, V]) get(key K) *V {
	n := t.nodes[key]
	if n == nil {
		return nil
	}
	t.unlink(n)
	t.push(n)
	return &n.value
}

// getOrAdd returns the value of key, which is zero when it was not there.
func (t *table[K, V]) getOrAdd(key K) *V {
	if v := t.get(key); v != nil {
		return v
	}
	if len(t.nodes) >= t.limit {
		t.drop(t.oldest)
	}
	n := &node[K, V]{key: key}
	t.nodes[key] = n
	t.push(n)
	return &n.value
}

func (t *table[K, V]) remove(key K) {
	if n := t.nodes[key]; n != nil {
		t.drop(n)
	}
}

func (t *table[K, V]) drop(n *node[K, V]) {
	t.unlink(n)
	delete(t.nodes, n.key)
}

func (t *table[K, V]) unlink(n *node[K, V]) {
	if n.newer != nil {
		n.newer.older = n.older
	} else {
		t.newest = n.older
	}
	if n.older != nil {
		n.older.newer = n.newer
	} else {
		t.oldest = n.newer
	}
	n.newer, n.older = nil, nil
}

func (t *table[K, V]) push(n *node[K, V]) {
	n.older = t.newest
	if t.newest != nil {
		t.newest.newer = n
	} else {
		t.oldest = n
	}
	t.newest = n
}
