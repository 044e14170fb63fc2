/** What the tests of several modules share. */
@NullMarked
package org.amend4j.testkit;

import org.jspecify.annotations.NullMarked;
