/**
 * Whether two graphs compute the same: on given or generated inputs, both are evaluated vertex by vertex, and the first
 * vertex that differs is named.
 */
@NullMarked
package org.amend4j.probe;

import org.jspecify.annotations.NullMarked;
