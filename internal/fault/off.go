//go:build !faultpoints

package fault

// Point does nothing in the product.
func Point(string) {}
