/**
 * Whether two graphs compute the same: inputs given or made up, and a walk through both, vertex by vertex, that names the
 * first one that differs.
 */
@NullMarked
package org.amend4j.probe;

import org.jspecify.annotations.NullMarked;
