/** Measures how fast this machine, or its card, does amend4j's work, and compares that with what the hardware could do. */
@NullMarked
package org.amend4j.app.bench;

import org.jspecify.annotations.NullMarked;
