/**
 * Bounds on the loss on the retained records after forgetting: its value and gradient, without and with noise. Numbers
 * only.
 */
@NullMarked
package org.amend4j.performance;

import org.jspecify.annotations.NullMarked;
