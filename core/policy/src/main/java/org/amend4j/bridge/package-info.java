/**
 * Environments of a real Gymnasium, in a Python process of their own, over its standard input and output
 * ({@link org.amend4j.bridge.GymnasiumProcess}). Optional: nothing else needs Python.
 */
@NullMarked
package org.amend4j.bridge;

import org.jspecify.annotations.NullMarked;
