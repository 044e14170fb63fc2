/** What tests of several modules share: numerical gradients, random networks and data. */
@NullMarked
package org.amend4j.testkit;

import org.jspecify.annotations.NullMarked;
