// Package fault names the instants at which tests kill the program. In the product Point is empty and costs nothing;
// only a binary built with the tag faultpoints, which tests build for themselves, can die at one.
package fault
