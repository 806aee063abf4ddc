# encoding: utf-8
from antlr4 import *
from io import StringIO
import sys
if sys.version_info[1] > 5:
	from typing import TextIO
else:
	from typing.io import TextIO

def serializedATN():
    return [
        4,1,23,133,2,0,7,0,2,1,7,1,2,2,7,2,2,3,7,3,2,4,7,4,2,5,7,5,2,6,7,
        6,2,7,7,7,2,8,7,8,2,9,7,9,2,10,7,10,2,11,7,11,2,12,7,12,2,13,7,13,
        2,14,7,14,1,0,1,0,1,0,1,0,1,0,5,0,36,8,0,10,0,12,0,39,9,0,1,0,1,
        0,1,1,1,1,1,1,1,1,1,2,1,2,3,2,49,8,2,1,2,5,2,52,8,2,10,2,12,2,55,
        9,2,1,3,1,3,3,3,59,8,3,1,3,1,3,3,3,63,8,3,5,3,65,8,3,10,3,12,3,68,
        9,3,1,3,1,3,1,4,1,4,1,4,3,4,75,8,4,1,5,1,5,1,6,1,6,1,6,3,6,82,8,
        6,1,7,3,7,85,8,7,1,7,1,7,3,7,89,8,7,1,7,1,7,5,7,93,8,7,10,7,12,7,
        96,9,7,1,8,1,8,1,9,1,9,1,9,1,9,1,10,1,10,1,10,1,11,1,11,1,11,1,11,
        5,11,111,8,11,10,11,12,11,114,9,11,3,11,116,8,11,1,11,1,11,1,12,
        1,12,3,12,122,8,12,1,13,1,13,5,13,126,8,13,10,13,12,13,129,9,13,
        1,14,1,14,1,14,0,0,15,0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,0,
        3,2,0,4,4,7,7,1,0,4,5,4,0,2,8,12,13,16,18,21,21,138,0,37,1,0,0,0,
        2,42,1,0,0,0,4,46,1,0,0,0,6,56,1,0,0,0,8,71,1,0,0,0,10,76,1,0,0,
        0,12,81,1,0,0,0,14,84,1,0,0,0,16,97,1,0,0,0,18,99,1,0,0,0,20,103,
        1,0,0,0,22,106,1,0,0,0,24,121,1,0,0,0,26,123,1,0,0,0,28,130,1,0,
        0,0,30,36,3,2,1,0,31,36,5,9,0,0,32,36,3,28,14,0,33,36,3,6,3,0,34,
        36,5,11,0,0,35,30,1,0,0,0,35,31,1,0,0,0,35,32,1,0,0,0,35,33,1,0,
        0,0,35,34,1,0,0,0,36,39,1,0,0,0,37,35,1,0,0,0,37,38,1,0,0,0,38,40,
        1,0,0,0,39,37,1,0,0,0,40,41,5,0,0,1,41,1,1,0,0,0,42,43,5,1,0,0,43,
        44,3,4,2,0,44,45,3,6,3,0,45,3,1,0,0,0,46,53,5,18,0,0,47,49,5,17,
        0,0,48,47,1,0,0,0,48,49,1,0,0,0,49,50,1,0,0,0,50,52,5,18,0,0,51,
        48,1,0,0,0,52,55,1,0,0,0,53,51,1,0,0,0,53,54,1,0,0,0,54,5,1,0,0,
        0,55,53,1,0,0,0,56,58,5,10,0,0,57,59,3,8,4,0,58,57,1,0,0,0,58,59,
        1,0,0,0,59,66,1,0,0,0,60,62,5,9,0,0,61,63,3,8,4,0,62,61,1,0,0,0,
        62,63,1,0,0,0,63,65,1,0,0,0,64,60,1,0,0,0,65,68,1,0,0,0,66,64,1,
        0,0,0,66,67,1,0,0,0,67,69,1,0,0,0,68,66,1,0,0,0,69,70,5,11,0,0,70,
        7,1,0,0,0,71,74,3,10,5,0,72,73,5,8,0,0,73,75,3,12,6,0,74,72,1,0,
        0,0,74,75,1,0,0,0,75,9,1,0,0,0,76,77,5,4,0,0,77,11,1,0,0,0,78,82,
        3,14,7,0,79,82,3,22,11,0,80,82,3,26,13,0,81,78,1,0,0,0,81,79,1,0,
        0,0,81,80,1,0,0,0,82,13,1,0,0,0,83,85,5,6,0,0,84,83,1,0,0,0,84,85,
        1,0,0,0,85,86,1,0,0,0,86,88,5,5,0,0,87,89,3,16,8,0,88,87,1,0,0,0,
        88,89,1,0,0,0,89,94,1,0,0,0,90,93,3,18,9,0,91,93,3,20,10,0,92,90,
        1,0,0,0,92,91,1,0,0,0,93,96,1,0,0,0,94,92,1,0,0,0,94,95,1,0,0,0,
        95,15,1,0,0,0,96,94,1,0,0,0,97,98,7,0,0,0,98,17,1,0,0,0,99,100,5,
        2,0,0,100,101,5,5,0,0,101,102,3,16,8,0,102,19,1,0,0,0,103,104,5,
        3,0,0,104,105,5,5,0,0,105,21,1,0,0,0,106,115,5,12,0,0,107,112,3,
        24,12,0,108,109,5,17,0,0,109,111,3,24,12,0,110,108,1,0,0,0,111,114,
        1,0,0,0,112,110,1,0,0,0,112,113,1,0,0,0,113,116,1,0,0,0,114,112,
        1,0,0,0,115,107,1,0,0,0,115,116,1,0,0,0,116,117,1,0,0,0,117,118,
        5,13,0,0,118,23,1,0,0,0,119,122,5,21,0,0,120,122,3,22,11,0,121,119,
        1,0,0,0,121,120,1,0,0,0,122,25,1,0,0,0,123,127,5,4,0,0,124,126,7,
        1,0,0,125,124,1,0,0,0,126,129,1,0,0,0,127,125,1,0,0,0,127,128,1,
        0,0,0,128,27,1,0,0,0,129,127,1,0,0,0,130,131,7,2,0,0,131,29,1,0,
        0,0,17,35,37,48,53,58,62,66,74,81,84,88,92,94,112,115,121,127
    ]

class CDLParser ( Parser ):

    grammarFileName = "CDLParser.g4"

    atn = ATNDeserializer().deserialize(serializedATN())

    decisionsToDFA = [ DFA(ds, i) for i, ds in enumerate(atn.decisionToState) ]

    sharedContextCache = PredictionContextCache()

    literalNames = [ "<INVALID>", "<INVALID>", "'over'", "'samples'", "<INVALID>", 
                     "<INVALID>", "<INVALID>", "'%'", "<INVALID>", "<INVALID>", 
                     "<INVALID>", "'}'", "'['" ]

    symbolicNames = [ "<INVALID>", "CONSTRAINT", "OVER", "SAMPLES", "WORD", 
                      "NUMBER", "COMPARATOR", "PERCENT", "COLON", "SEPARATOR", 
                      "LBRACE", "RBRACE", "LBRACK", "RBRACK", "COMMENT", 
                      "SPACE", "JUNK", "COMMA", "PATTERN", "SELECTOR_COMMENT", 
                      "SELECTOR_SPACE", "NAME", "LIST_COMMENT", "LIST_SPACE" ]

    RULE_document = 0
    RULE_constraint = 1
    RULE_selectors = 2
    RULE_body = 3
    RULE_property = 4
    RULE_key = 5
    RULE_value = 6
    RULE_bound = 7
    RULE_unit = 8
    RULE_window = 9
    RULE_samples = 10
    RULE_list = 11
    RULE_element = 12
    RULE_choice = 13
    RULE_stray = 14

    ruleNames =  [ "document", "constraint", "selectors", "body", "property", 
                   "key", "value", "bound", "unit", "window", "samples", 
                   "list", "element", "choice", "stray" ]

    EOF = Token.EOF
    CONSTRAINT=1
    OVER=2
    SAMPLES=3
    WORD=4
    NUMBER=5
    COMPARATOR=6
    PERCENT=7
    COLON=8
    SEPARATOR=9
    LBRACE=10
    RBRACE=11
    LBRACK=12
    RBRACK=13
    COMMENT=14
    SPACE=15
    JUNK=16
    COMMA=17
    PATTERN=18
    SELECTOR_COMMENT=19
    SELECTOR_SPACE=20
    NAME=21
    LIST_COMMENT=22
    LIST_SPACE=23

    def __init__(self, input:TokenStream, output:TextIO = sys.stdout):
        super().__init__(input, output)
        self.checkVersion("4.13.2")
        self._interp = ParserATNSimulator(self, self.atn, self.decisionsToDFA, self.sharedContextCache)
        self._predicates = None




    class DocumentContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def EOF(self):
            return self.getToken(CDLParser.EOF, 0)

        def constraint(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.ConstraintContext)
            else:
                return self.getTypedRuleContext(CDLParser.ConstraintContext,i)


        def SEPARATOR(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.SEPARATOR)
            else:
                return self.getToken(CDLParser.SEPARATOR, i)

        def stray(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.StrayContext)
            else:
                return self.getTypedRuleContext(CDLParser.StrayContext,i)


        def body(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.BodyContext)
            else:
                return self.getTypedRuleContext(CDLParser.BodyContext,i)


        def RBRACE(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.RBRACE)
            else:
                return self.getToken(CDLParser.RBRACE, i)

        def getRuleIndex(self):
            return CDLParser.RULE_document




    def document(self):

        localctx = CDLParser.DocumentContext(self, self._ctx, self.state)
        self.enterRule(localctx, 0, self.RULE_document)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 37
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while (((_la) & ~0x3f) == 0 and ((1 << _la) & 2572286) != 0):
                self.state = 35
                self._errHandler.sync(self)
                token = self._input.LA(1)
                if token in [1]:
                    self.state = 30
                    self.constraint()
                    pass
                elif token in [9]:
                    self.state = 31
                    self.match(CDLParser.SEPARATOR)
                    pass
                elif token in [2, 3, 4, 5, 6, 7, 8, 12, 13, 16, 17, 18, 21]:
                    self.state = 32
                    self.stray()
                    pass
                elif token in [10]:
                    self.state = 33
                    self.body()
                    pass
                elif token in [11]:
                    self.state = 34
                    self.match(CDLParser.RBRACE)
                    pass
                else:
                    raise NoViableAltException(self)

                self.state = 39
                self._errHandler.sync(self)
                _la = self._input.LA(1)

            self.state = 40
            self.match(CDLParser.EOF)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ConstraintContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def CONSTRAINT(self):
            return self.getToken(CDLParser.CONSTRAINT, 0)

        def selectors(self):
            return self.getTypedRuleContext(CDLParser.SelectorsContext,0)


        def body(self):
            return self.getTypedRuleContext(CDLParser.BodyContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_constraint




    def constraint(self):

        localctx = CDLParser.ConstraintContext(self, self._ctx, self.state)
        self.enterRule(localctx, 2, self.RULE_constraint)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 42
            self.match(CDLParser.CONSTRAINT)
            self.state = 43
            self.selectors()
            self.state = 44
            self.body()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class SelectorsContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def PATTERN(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.PATTERN)
            else:
                return self.getToken(CDLParser.PATTERN, i)

        def COMMA(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.COMMA)
            else:
                return self.getToken(CDLParser.COMMA, i)

        def getRuleIndex(self):
            return CDLParser.RULE_selectors




    def selectors(self):

        localctx = CDLParser.SelectorsContext(self, self._ctx, self.state)
        self.enterRule(localctx, 4, self.RULE_selectors)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 46
            self.match(CDLParser.PATTERN)
            self.state = 53
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while _la==17 or _la==18:
                self.state = 48
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                if _la==17:
                    self.state = 47
                    self.match(CDLParser.COMMA)


                self.state = 50
                self.match(CDLParser.PATTERN)
                self.state = 55
                self._errHandler.sync(self)
                _la = self._input.LA(1)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class BodyContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def LBRACE(self):
            return self.getToken(CDLParser.LBRACE, 0)

        def RBRACE(self):
            return self.getToken(CDLParser.RBRACE, 0)

        def property_(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.PropertyContext)
            else:
                return self.getTypedRuleContext(CDLParser.PropertyContext,i)


        def SEPARATOR(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.SEPARATOR)
            else:
                return self.getToken(CDLParser.SEPARATOR, i)

        def getRuleIndex(self):
            return CDLParser.RULE_body




    def body(self):

        localctx = CDLParser.BodyContext(self, self._ctx, self.state)
        self.enterRule(localctx, 6, self.RULE_body)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 56
            self.match(CDLParser.LBRACE)
            self.state = 58
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==4:
                self.state = 57
                self.property_()


            self.state = 66
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while _la==9:
                self.state = 60
                self.match(CDLParser.SEPARATOR)
                self.state = 62
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                if _la==4:
                    self.state = 61
                    self.property_()


                self.state = 68
                self._errHandler.sync(self)
                _la = self._input.LA(1)

            self.state = 69
            self.match(CDLParser.RBRACE)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class PropertyContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def key(self):
            return self.getTypedRuleContext(CDLParser.KeyContext,0)


        def COLON(self):
            return self.getToken(CDLParser.COLON, 0)

        def value(self):
            return self.getTypedRuleContext(CDLParser.ValueContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_property




    def property_(self):

        localctx = CDLParser.PropertyContext(self, self._ctx, self.state)
        self.enterRule(localctx, 8, self.RULE_property)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 71
            self.key()
            self.state = 74
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==8:
                self.state = 72
                self.match(CDLParser.COLON)
                self.state = 73
                self.value()


        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class KeyContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self):
            return self.getToken(CDLParser.WORD, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_key




    def key(self):

        localctx = CDLParser.KeyContext(self, self._ctx, self.state)
        self.enterRule(localctx, 10, self.RULE_key)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 76
            self.match(CDLParser.WORD)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ValueContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def bound(self):
            return self.getTypedRuleContext(CDLParser.BoundContext,0)


        def list_(self):
            return self.getTypedRuleContext(CDLParser.ListContext,0)


        def choice(self):
            return self.getTypedRuleContext(CDLParser.ChoiceContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_value




    def value(self):

        localctx = CDLParser.ValueContext(self, self._ctx, self.state)
        self.enterRule(localctx, 12, self.RULE_value)
        try:
            self.state = 81
            self._errHandler.sync(self)
            token = self._input.LA(1)
            if token in [5, 6]:
                self.enterOuterAlt(localctx, 1)
                self.state = 78
                self.bound()
                pass
            elif token in [12]:
                self.enterOuterAlt(localctx, 2)
                self.state = 79
                self.list_()
                pass
            elif token in [4]:
                self.enterOuterAlt(localctx, 3)
                self.state = 80
                self.choice()
                pass
            else:
                raise NoViableAltException(self)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class BoundContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def COMPARATOR(self):
            return self.getToken(CDLParser.COMPARATOR, 0)

        def unit(self):
            return self.getTypedRuleContext(CDLParser.UnitContext,0)


        def window(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.WindowContext)
            else:
                return self.getTypedRuleContext(CDLParser.WindowContext,i)


        def samples(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.SamplesContext)
            else:
                return self.getTypedRuleContext(CDLParser.SamplesContext,i)


        def getRuleIndex(self):
            return CDLParser.RULE_bound




    def bound(self):

        localctx = CDLParser.BoundContext(self, self._ctx, self.state)
        self.enterRule(localctx, 14, self.RULE_bound)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 84
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==6:
                self.state = 83
                self.match(CDLParser.COMPARATOR)


            self.state = 86
            self.match(CDLParser.NUMBER)
            self.state = 88
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==4 or _la==7:
                self.state = 87
                self.unit()


            self.state = 94
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while _la==2 or _la==3:
                self.state = 92
                self._errHandler.sync(self)
                token = self._input.LA(1)
                if token in [2]:
                    self.state = 90
                    self.window()
                    pass
                elif token in [3]:
                    self.state = 91
                    self.samples()
                    pass
                else:
                    raise NoViableAltException(self)

                self.state = 96
                self._errHandler.sync(self)
                _la = self._input.LA(1)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class UnitContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self):
            return self.getToken(CDLParser.WORD, 0)

        def PERCENT(self):
            return self.getToken(CDLParser.PERCENT, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_unit




    def unit(self):

        localctx = CDLParser.UnitContext(self, self._ctx, self.state)
        self.enterRule(localctx, 16, self.RULE_unit)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 97
            _la = self._input.LA(1)
            if not(_la==4 or _la==7):
                self._errHandler.recoverInline(self)
            else:
                self._errHandler.reportMatch(self)
                self.consume()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class WindowContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def OVER(self):
            return self.getToken(CDLParser.OVER, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def unit(self):
            return self.getTypedRuleContext(CDLParser.UnitContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_window




    def window(self):

        localctx = CDLParser.WindowContext(self, self._ctx, self.state)
        self.enterRule(localctx, 18, self.RULE_window)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 99
            self.match(CDLParser.OVER)
            self.state = 100
            self.match(CDLParser.NUMBER)
            self.state = 101
            self.unit()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class SamplesContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def SAMPLES(self):
            return self.getToken(CDLParser.SAMPLES, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_samples




    def samples(self):

        localctx = CDLParser.SamplesContext(self, self._ctx, self.state)
        self.enterRule(localctx, 20, self.RULE_samples)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 103
            self.match(CDLParser.SAMPLES)
            self.state = 104
            self.match(CDLParser.NUMBER)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ListContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def LBRACK(self):
            return self.getToken(CDLParser.LBRACK, 0)

        def RBRACK(self):
            return self.getToken(CDLParser.RBRACK, 0)

        def element(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.ElementContext)
            else:
                return self.getTypedRuleContext(CDLParser.ElementContext,i)


        def COMMA(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.COMMA)
            else:
                return self.getToken(CDLParser.COMMA, i)

        def getRuleIndex(self):
            return CDLParser.RULE_list




    def list_(self):

        localctx = CDLParser.ListContext(self, self._ctx, self.state)
        self.enterRule(localctx, 22, self.RULE_list)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 106
            self.match(CDLParser.LBRACK)
            self.state = 115
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==12 or _la==21:
                self.state = 107
                self.element()
                self.state = 112
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                while _la==17:
                    self.state = 108
                    self.match(CDLParser.COMMA)
                    self.state = 109
                    self.element()
                    self.state = 114
                    self._errHandler.sync(self)
                    _la = self._input.LA(1)



            self.state = 117
            self.match(CDLParser.RBRACK)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ElementContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def NAME(self):
            return self.getToken(CDLParser.NAME, 0)

        def list_(self):
            return self.getTypedRuleContext(CDLParser.ListContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_element




    def element(self):

        localctx = CDLParser.ElementContext(self, self._ctx, self.state)
        self.enterRule(localctx, 24, self.RULE_element)
        try:
            self.state = 121
            self._errHandler.sync(self)
            token = self._input.LA(1)
            if token in [21]:
                self.enterOuterAlt(localctx, 1)
                self.state = 119
                self.match(CDLParser.NAME)
                pass
            elif token in [12]:
                self.enterOuterAlt(localctx, 2)
                self.state = 120
                self.list_()
                pass
            else:
                raise NoViableAltException(self)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ChoiceContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.WORD)
            else:
                return self.getToken(CDLParser.WORD, i)

        def NUMBER(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.NUMBER)
            else:
                return self.getToken(CDLParser.NUMBER, i)

        def getRuleIndex(self):
            return CDLParser.RULE_choice




    def choice(self):

        localctx = CDLParser.ChoiceContext(self, self._ctx, self.state)
        self.enterRule(localctx, 26, self.RULE_choice)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 123
            self.match(CDLParser.WORD)
            self.state = 127
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while _la==4 or _la==5:
                self.state = 124
                _la = self._input.LA(1)
                if not(_la==4 or _la==5):
                    self._errHandler.recoverInline(self)
                else:
                    self._errHandler.reportMatch(self)
                    self.consume()
                self.state = 129
                self._errHandler.sync(self)
                _la = self._input.LA(1)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class StrayContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self):
            return self.getToken(CDLParser.WORD, 0)

        def OVER(self):
            return self.getToken(CDLParser.OVER, 0)

        def SAMPLES(self):
            return self.getToken(CDLParser.SAMPLES, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def COMPARATOR(self):
            return self.getToken(CDLParser.COMPARATOR, 0)

        def PERCENT(self):
            return self.getToken(CDLParser.PERCENT, 0)

        def COLON(self):
            return self.getToken(CDLParser.COLON, 0)

        def LBRACK(self):
            return self.getToken(CDLParser.LBRACK, 0)

        def RBRACK(self):
            return self.getToken(CDLParser.RBRACK, 0)

        def COMMA(self):
            return self.getToken(CDLParser.COMMA, 0)

        def PATTERN(self):
            return self.getToken(CDLParser.PATTERN, 0)

        def NAME(self):
            return self.getToken(CDLParser.NAME, 0)

        def JUNK(self):
            return self.getToken(CDLParser.JUNK, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_stray




    def stray(self):

        localctx = CDLParser.StrayContext(self, self._ctx, self.state)
        self.enterRule(localctx, 28, self.RULE_stray)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 130
            _la = self._input.LA(1)
            if not((((_la) & ~0x3f) == 0 and ((1 << _la) & 2568700) != 0)):
                self._errHandler.recoverInline(self)
            else:
                self._errHandler.reportMatch(self)
                self.consume()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx





