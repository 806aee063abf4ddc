// The words of CDL. Three modes: the file and a constraint's properties (the default), the nodes that a
// constraint names (SELECTOR), and the inside of brackets (LIST), where a new line means nothing.
lexer grammar CDLLexer;

CONSTRAINT : 'constraint' -> mode(SELECTOR) ;
OVER       : 'over' ;
SAMPLES    : 'samples' ;
WORD       : LETTER FOLLOW* ('-' FOLLOW+)* ;
NUMBER     : [+-]? ([0-9] [0-9_]* ('.' [0-9]*)? | '.' [0-9]+) ([eE] [+-]? [0-9]+)? ;
COMPARATOR : [<>=!]+ ;
PERCENT    : '%' ;
COLON      : ':' ;
SEPARATOR  : [,;\n] ;
LBRACE     : '{' ;
RBRACE     : '}' ;
LBRACK     : '[' -> pushMode(LIST) ;
RBRACK     : ']' ;
COMMENT    : ('#' | '//') ~[\n]* -> skip ;
SPACE      : [ \t\r\f]+ -> skip ;
JUNK       : . ;

fragment LETTER : [A-Za-z_\u00AA\u00B5\u00C0-\u1FFF\u2C00-\uD7FF\uF900-\uFFDC] ;
fragment FOLLOW : LETTER | [0-9] ;

mode SELECTOR;

SELECTOR_CONSTRAINT : 'constraint' -> type(CONSTRAINT) ;
SELECTOR_LBRACE     : '{' -> type(LBRACE), mode(DEFAULT_MODE) ;
SELECTOR_RBRACE     : '}' -> type(RBRACE), mode(DEFAULT_MODE) ;
COMMA               : ',' ;
// A '#' starts a comment, except before a digit: 'shop:f#2' is the second definition of f.
PATTERN             : PATTERN_START (PATTERN_CHAR | '#' [0-9] | '/' PATTERN_CHAR)* ;
SELECTOR_COMMENT    : ('#' | '//') ~[\n]* -> skip ;
SELECTOR_SPACE      : [ \t\r\f\n]+ -> skip ;
SELECTOR_JUNK       : . -> type(JUNK) ;

fragment PATTERN_START : ~[ \t\r\f\n{}#,;/] ;
fragment PATTERN_CHAR  : ~[ \t\r\f\n{}#,;/] ;

mode LIST;

LIST_CONSTRAINT : 'constraint' -> type(CONSTRAINT), mode(SELECTOR) ;
LIST_RBRACE     : '}' -> type(RBRACE), mode(DEFAULT_MODE) ;
LIST_LBRACE     : '{' -> type(LBRACE) ;
LIST_LBRACK     : '[' -> type(LBRACK), pushMode(LIST) ;
LIST_RBRACK     : ']' -> type(RBRACK), popMode ;
LIST_COMMA      : ',' -> type(COMMA) ;
LIST_COLON      : ':' -> type(COLON) ;
NAME            : FOLLOW+ ([.:/-] FOLLOW+)* ;
LIST_COMMENT    : ('#' | '//') ~[\n]* -> skip ;
LIST_SPACE      : [ \t\r\f\n]+ -> skip ;
LIST_JUNK       : . -> type(JUNK) ;
